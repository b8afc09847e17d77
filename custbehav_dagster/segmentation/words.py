"""Words that names of groups are made of, by whichever method the groups were found."""

ONE_TIME, OCCASIONAL, REGULAR, BIG = "one-time buyers", "occasional buyers", "regulars", "big spenders"
REGULAR_FROM_ORDERS = 5
AMOUNT_WORDS = {
    2: ("small amounts", "large amounts"),
    3: ("small amounts", "middling amounts", "large amounts"),
}
