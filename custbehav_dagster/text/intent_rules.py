"""The phrases by which a public post is read: what speaks for a wish to buy, and what against it.

Only patterns stand here; what they weigh is learned (`intent_training.py`) and applied in `intent.py`.
They are read on lower-case text with straight apostrophes, in regular expressions that RE2 (DuckDB)
and Java (Spark) both read. The rules were written from the guideline in docs/leads.md.
"""

from __future__ import annotations

from dataclasses import dataclass

_BUYING = r"(buy|get|find|order|getting|buying|ordering|look|shop)"
_TRADES = (
    r"(shops?|makers?|sellers?|studios?|potters?|jewell?ers?|weavers?|knitters?|carvers?|artists?"
    r"|artisans?)"
)
_MAKING = (
    r"(makes?|making|sells?|selling|does|doing|knits?|weaves?|sews?|carves?|paints?|crochets?|engraves?"
    r"|binds?"
    r"|forges?|takes? commissions|taking (orders|commissions))"
)
_NUMBER = r"(\d+|ten|fifteen|twenty|thirty|forty|fifty|sixty|a hundred)"
_KIN = (
    r"(mum|mom|mother|dad|father|nan|gran|granny|grandma|grandad|grandpa|wife|husband|partner|girlfriend"
    r"|boyfriend|sister|brother|son|daughter|niece|nephew|aunt|uncle|friend|boss|teacher|neighbours?|godson"
    r"|goddaughter|cousin|grandson|granddaughter|in law|colleague|midwife)"
)


@dataclass(frozen=True)
class Rule:
    """One thing that may be said in a post: its name, its pattern, and what it tells, for people."""

    name: str
    pattern: str
    tells: str
    speaks_for: bool


FOR = (
    Rule(
        "looking_for",
        r"\b(looking (for|to buy)|searching for|in search of|iso|wtb|wanted|wanting|trying to find"
        r"|hunting for"
        r"|on the hunt|help (me )?(find|finding|choose)|after an?|sourcing)\b",
        "is looking for something",
        True,
    ),
    Rule(
        "where_to_buy",
        rf"\b(where|which (shop|site|maker))\b.{{0,40}}\b{_BUYING}\b|\bwho should i\b|\bwhere to (begin"
        rf"|start|look)\b"
        r"|\bbest (place|shop|site) (to|for)\b|\bwho would you\b"
        rf"|\b(places?|somewhere) (to|for) (buy|get|buying|order)",
        "asks where to buy",
        True,
    ),
    Rule(
        "who_makes",
        rf"\b(who|anyone|anybody|any ?one here|someone|somebody|any of you|people"
        rf"|any {_TRADES})\b.{{0,24}}\b{_MAKING}\b"
        rf"|\b(any|favou?rite|good|small|local|recommended)\b.{{0,16}}\b{_TRADES}\b|\bmaker of\b"
        rf"|\bif (you|any)\b.{{0,20}}"
        r"\b(make|draw|carve|sell|knit|potter)|\b(anyone|anybody|someone)( here)? ?\?|\bany(one"
        r"|body) (here )?\w+ing (them|it|these|those)\b",
        "asks who makes it",
        True,
    ),
    Rule(
        "advice",
        r"\b(recommend(ed|ations?)?|recs?|suggestions?|ideas?|any (tips|thoughts|favou?rites?)|what (do"
        r"|would|could|can|should|to) (you |i |we )?"
        r"(all )?(buy|get|give)|no ideas?|(am|i'm|completely|totally) stuck|clueless|at a loss)\b",
        "asks for ideas",
        True,
    ),
    Rule(
        "wish",
        r"\b(i|we|she|he|they)('d| would)? (really )?(want|need|like|love|wants|needs) (a|an|one|two"
        r"|some|it|to (buy|get|give|send)|the)\b"
        r"|\b(would|'d) (love|like|need)\b|^(need|want)\b|\b(i'd|i would|we'd|would) (happily |gladly "
        r"|sooner |rather )?(buy|take|order|pay)\b",
        "says what is wanted",
        True,
    ),
    Rule(
        "gift",
        r"\b(gifts?|presents?|pressies?|secret santa|stocking fillers?|favours|something (for|nice|kind"
        r"|small|a bit)"
        r"|thank-?you for|christmas list)\b",
        "is after a gift",
        True,
    ),
    Rule(
        "occasion",
        r"\b(birthday|anniversary|wedding|christening|baptism|housewarming|christmas|retir(es|ing|ement)"
        r"|graduat\w+"
        r"|mother's day|father's day|valentine\w*|new ?born|turn(s|ing)? \d+|due in|\d+th|proposing"
        r"|golden)\b",
        "names an occasion",
        True,
    ),
    Rule(
        "for_whom",
        rf"\b(for|my|our) (my |our |a |her |his )?{_KIN}\b|\b(she|he|they)('s)? (is |are )?(likes?"
        rf"|loves?|obsessed|only (likes?|wears?))\b",
        "says who it is for",
        True,
    ),
    Rule(
        "budget",
        rf"\b(budget|price range|spend|quid|tenner|saved|\d+ish)\b|\b(up to|under|around|about"
        rf"|max(imum)?) [£$€]?{_NUMBER}\b"
        rf"|[£$€]\d+ ?(-|to) ?[£$€]?\d+|[£$€]\d+ (each|a head|max|budget|or so|total)|\b(happy|will"
        rf"|willing|glad) to pay\b"
        r"|\bi(\'ll| will|'d) pay\b|\bwill pay\b|\d ?(euros?|pounds)\b|\bpay (a bit more|properly"
        r"|what it costs)\b",
        "names a budget",
        True,
    ),
    Rule(
        "deadline",
        r"\b(by|before|until|till) (the )?(\d+(st|nd|rd|th)?|end|start|christmas|xmas|december|friday"
        r"|next|beginning|then)\b"
        r"|\b(in|within|have) (a|one|two|three|four|six|\d+) (days?|weeks?|months?)\b|\b(no|any) (rush"
        r"|hurry|deadline)\b"
        r"|\bon (the \d+|friday|saturday|sunday)|\burgent(ly)?\b|\bthis week\b|\b(week|month)s? (away"
        r"|enough)\b",
        "names a day",
        True,
    ),
    Rule(
        "made_for_me",
        r"\b(commission(ed|s)?|custom|bespoke|personali[sz]ed|made to (order|measure|fit)|engraved"
        r"|with (her|his|our|their) names?"
        r"|have (one|it|a \w+) made|to size|from a drawing|replacement)\b",
        "wants it made to order",
        True,
    ),
    Rule(
        "kind_of_make",
        r"\b(hand-?(made|knitted|thrown|carved|sewn|painted|bound|forged|built|stitched|woven|dipped)"
        r"|made by (hand|a person|someone"
        r"|somebody|actual people)|small (maker|shop|studio|business|people)|directly? from|real (person"
        r"|maker)s?)\b",
        "wants it made by hand",
        True,
    ),
    Rule(
        "what_not",
        r"\b(that|who|which) (isn't|aren't|is not|are not|doesn't|don't|won't|lasts?)\b|\b(nothing|not"
        r"|no) (too |a |an |the )?(factory"
        r"|plastic|mass|scratchy|itchy|brand|soppy|twee|novelty|big sites?|fiddly|batteries|perfume"
        r"|chocolate|candles)\b"
        r"|\beverything (in|from|i)\b|\bthe ones (i|online)\b",
        "says what it must not be",
        True,
    ),
    Rule(
        "invites",
        r"\b(message me|dm me|dm with|pm me|please dm|links? (to|welcome|please)|names please"
        r"|tell me what you'd charge|your rates?"
        r"|rough price|want quotes|quotes? from|show me|what (does|do) (it|they|good \w+) cost|how (long"
        r"|far ahead)|take my money)\b",
        "invites an answer",
        True,
    ),
    Rule(
        "other_language",
        r"\b(wo (kann|kaufe|bekomme|finde) ich|suche|wer (macht|kennt|verkauft)|tipp für|geschenk (für"
        r"|zur|zum)"
        r"|je cherche|cherche|où (acheter|trouver)|idée cadeau|quelqu'un (connaît|vend)"
        r"|busco|buscamos|dónde (comprar|puedo)|conocéis|alguien (vende|conoce)"
        r"|cerco|dove (trovo|compro|posso)|qualcuno (conosce|vende)|procuro|onde (comprar|encontro)"
        r"|alguém (recomenda|vende)"
        r"|zoek|waar (koop|vind|kan ik)|wie maakt|szukam|kto robi|söker|letar efter|var (köper"
        r"|hittar))\b|\bgdzie kupi|\btips på "
        r"|می‌?خواهم|می‌?خوام|می‌?گردم|از کجا (بخرم|می‌?توانم)|کسی .{0,30}می‌?شناسد",
        "asks in another language",
        True,
    ),
)

AGAINST = (
    Rule(
        "sells",
        r"\b(for sale|wts|fs|(i|we) (also )?(sell|make)|selling my|my (shop|store|listings?|etsy"
        r"|collection|site"
        r"|page|stall)|new in (the|my|our)"
        r"|use code|code [a-z]+\d+|\d+% off|promo|link (in|below)|links below|free (uk )?(post|postage"
        r"|shipping|gift wrap|delivery)"
        r"|our (shop|collection|listings|website|picks)|taking orders now|orders now|order by"
        r"|ships (today|tomorrow)|offers\b|booking"
        r"|now live|come and say|look no further|we've got you|we have rounded|rates on my"
        r"|message me for|prices? (per|by) (message|dm)"
        r"|stall \d+|collect or post|commissions are|now available|available for|verkaufe|vends|vendo"
        r"|verkoop|säljer)\b"
        r"|\bsprzedaj|می‌?فروشم",
        "sells",
        False,
    ),
    Rule(
        "maker_asks",
        r"\b(how (do|did|would|should) (i|you|we) (price|charge|make|photograph|stop|handle|ship|quote"
        r"|say|tell|store|pack)"
        r"|what do you charge|do you (take|charge|wrap|use|quote|close)|(my|custom) orders|(my|a"
        r"|the) (customers?|buyers?) (asked"
        r"|wants?|says|said|sent|ask)"
        r"|customers|patterns?|tutorial|suppliers?|supplies|wholesale|in bulk|blanks|my (kiln|glaze"
        r"|followers|sales|views|margin|rent)"
        r"|sales|fees|deposits?|combien vendez|what did i do wrong|beginners?|techniques?|needle size"
        r"|which (glue|clay|wool|yarn|wood)"
        r"|safety testing|insurance|vat|algorithm|pricing|labels?|supplier)\b",
        "is a maker's question",
        False,
    ),
    Rule(
        "made_it",
        r"\b(i (made|knitted|sewed|carved|turned|dyed|crocheted|embroidered|finished|built|painted|threw"
        r"|bound|forged|felted)"
        r"|(made|knitted|sewed|carved|crocheted|embroidered|forged|bound|turned) (my|myself|it|this|a"
        r"|an)|my first|first (try|attempt|one)"
        r"|(second|third) attempt|finally finished|finished!|batch \d+|part \d+|took me|yourself"
        r"|teach me|learn(ed|t|ing)? to)\b",
        "shows what the writer made",
        False,
    ),
    Rule(
        "settled",
        r"\b(solved|sorted|update|edit:|sold!|closed|thanks? (you )?(everyone|all|for)|went with"
        r"|i've bought|just bought|bought (it|them|the|last)"
        r"|arrived (today|as)|already own|found (the|it|a|grandad)|best money|loved it|haul|she said yes"
        r"|danke für|merci (à|pour)|gracias por)\b",
        "has found it",
        False,
    ),
    Rule(
        "gives_away",
        r"\b(giveaway|give away|win (one|a)|winner|free to|free, |swap|raffle|follow us|comment your)\b",
        "gives something away",
        False,
    ),
    Rule(
        "other_goods",
        r"\b(laptop|phone|console|ps5|xbox|switch|headphones|speaker|gift cards?|subscription|mattress"
        r"|second-?hand|used|book on|podcasts?"
        r"|courses?|workshop|tickets?|accountant|courier|printer|machine|recipe|job|part-?time"
        r"|apprentice|vendors|volunteers|photographer"
        r"|photos?|table at|studio to|yarn|wool prices|clay|wax|ink|glue|kiln)\b",
        "wants something else",
        False,
    ),
    Rule(
        "talks",
        r"\b(rant|unpopular opinion|mod post|rule reminder|reminder|weekly thread|poll|scam|warning|ama"
        r"|discuss|debate|opinion|curious"
        r"|genuine(ly)?|horror stor(y|ies)|til|is it (ok|weird|rude|okay)|said no ?(body|one|customer)"
        r"|said nobody|am not buying|can't afford"
        r"|do not buy|don't buy|dissertation|survey|why i|no question|just (showing|saying)|only showing"
        r"|not for sale)\b",
        "only talks of it",
        False,
    ),
    Rule(
        "unhappy",
        r"\b(refund(ed)?|(i )?ordered (a|an|my|the|one|it|two|this|some)\b|no (answer|reply)|open a case"
        r"|never (came|arrived)|blocked me|wrong (mug|item|size|one)|legit|parcel|tracking"
        r"|fell apart|broke off|returned|returns)\b",
        "complains of an order",
        False,
    ),
)

RULES = FOR + AGAINST
