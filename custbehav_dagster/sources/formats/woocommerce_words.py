"""What WooCommerce calls the columns and states of its reports, by language.

The plugin translates its headers into the language of the site; the columns keep
their order. Spellings differ between versions, so each has a few.
"""

from __future__ import annotations

ORDER_COLUMNS = (
    "ordered_at", "order_id", "total", "status", "name", "customer_type", "products", "items_sold", "coupons",
    "net_sales", "attribution",
)  # fmt: skip
"""Meanings of the columns of the orders report, in their order."""

ORDER_HEADERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "en": (
        ("Date",), ("Order #", "Order Number"), ("N. Revenue (formatted)", "Net Revenue (formatted)"),
        ("Status",), ("Customer",), ("Customer type",), ("Product(s)",), ("Items sold",), ("Coupon(s)",),
        ("Net Sales", "N. Revenue", "Net Revenue"), ("Attribution", "Origin"),
    ),
    "fr": (
        ("Date",), ("Commande n°", "N° de commande", "Commande #"),
        ("Revenus nets (formatés)", "Revenu net (formaté)", "R. net (formaté)", "Revenu N. (formaté)"),
        ("État", "Statut"), ("Client", "Client/cliente", "Clientèle"),
        ("Type de client", "Type de clientèle"),
        ("Produit(s)",), ("Articles vendus",), ("Code(s) promo", "Coupon(s)"),
        ("Ventes nettes", "Revenu net", "Revenus nets", "R. net"), ("Attribution", "Origine"),
    ),
    "de": (
        ("Datum",), ("Bestellung #", "Bestellnr.", "Bestell-Nr.", "Bestellnummer", "Bestellung Nr."),
        ("Nettoumsatz (formatiert)", "N. Umsatz (formatiert)", "Nettoeinnahmen (formatiert)"),
        ("Status",), ("Kunde", "Kundschaft", "Kunde/Kundin"), ("Kundentyp", "Kundenart"), ("Produkt(e)",),
        ("Verkaufte Artikel", "Artikel verkauft"), ("Gutschein(e)",),
        ("Nettoumsatz", "N. Umsatz", "Nettoeinnahmen"), ("Zuordnung", "Attribution", "Herkunft"),
    ),
    "es": (
        ("Fecha",), ("Pedido nº", "Pedido n.º", "N.º de pedido", "Número de pedido", "Pedido #"),
        ("Ingresos netos (formateado)", "Ingresos netos (con formato)", "I. netos (formateado)"),
        ("Estado",), ("Cliente",), ("Tipo de cliente",), ("Producto(s)",),
        ("Artículos vendidos", "Elementos vendidos"), ("Cupón(es)", "Cupones"),
        ("Ventas netas", "Ingresos netos", "I. netos"), ("Atribución", "Origen"),
    ),
    "it": (
        ("Data",), ("Ordine n.", "Ordine #", "N. ordine", "Numero ordine", "Ordine n°"),
        ("Ricavi netti (formattato)", "Ricavi netti (formattati)", "Entrate nette (formattate)"),
        ("Stato",), ("Cliente",), ("Tipo di cliente", "Tipo cliente"), ("Prodotto/i", "Prodotti"),
        ("Articoli venduti", "Prodotti venduti"), ("Codice/i promozionale/i", "Coupon", "Buono/i"),
        ("Vendite nette", "Ricavi netti", "Entrate nette"), ("Attribuzione", "Origine"),
    ),
    "nl": (
        ("Datum",), ("Bestelnr.", "Bestelling #", "Bestelnummer", "Bestelling nr."),
        ("Netto-omzet (geformatteerd)", "Netto omzet (opgemaakt)", "N. omzet (geformatteerd)"),
        ("Status",), ("Klant",), ("Klanttype", "Type klant", "Soort klant"), ("Product(en)",),
        ("Verkochte artikelen", "Artikelen verkocht", "Verkochte items"),
        ("Waardebon(nen)", "Kortingsbon(nen)", "Coupon(s)"),
        ("Netto verkopen", "Netto-omzet", "N. omzet", "Netto verkoop"),
        ("Toeschrijving", "Attributie", "Herkomst"),
    ),
}  # fmt: skip
"""Language -> spellings of each column, the commonest first."""

STATES = {
    "completed": ("completed", "terminée", "abgeschlossen", "fertiggestellt", "completado", "completato",
                  "afgerond", "voltooid"),
    "processing": ("processing", "en cours", "in bearbeitung", "procesando", "in lavorazione", "verwerken",
                   "in behandeling"),
    "on hold": ("on-hold", "on hold", "en attente", "in wartestellung", "wartestellung", "en espera",
                "in sospeso", "in de wacht"),
    "pending": ("pending", "pending payment", "attente paiement", "en attente de paiement", "ausstehend",
                "zahlung ausstehend", "pendiente de pago", "in attesa di pagamento",
                "wachtend op betaling", "in afwachting van betaling", "checkout-draft", "draft"),
    "refunded": ("refunded", "remboursée", "rückerstattet", "erstattet", "reembolsado", "rimborsato",
                 "terugbetaald"),
    "cancelled": ("cancelled", "annulée", "storniert", "cancelado", "annullato", "geannuleerd", "trash"),
    "failed": ("failed", "échouée", "fehlgeschlagen", "fallido", "fallito", "mislukt"),
}  # fmt: skip
"""English state -> how sites of several languages write it, in small letters."""


def spellings(number: int) -> tuple[str, ...]:
    """Every name that column `number` of the orders report may bear."""
    return tuple(dict.fromkeys(name for headers in ORDER_HEADERS.values() for name in headers[number]))
