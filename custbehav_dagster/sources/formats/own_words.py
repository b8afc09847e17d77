"""What columns of a shop's own tables are called: in English, the chief ones in German, French and Spanish.

Left out are words that exports of platforms use for something else, such as "sale date".
"""

from __future__ import annotations

ORDER_NUMBERS = (
    *("order no", "order nr", "order num", "order ref", "order reference", "order code", "sales order"),
    *("invoice no", "invoice nr", "invoice number", "invoice id", "receipt no", "receipt number"),
    *("Bestellnummer", "Bestellnr", "Bestell-ID", "Auftragsnummer", "Auftragsnr", "Rechnungsnummer"),
    *("Rechnungsnr", "numéro de commande", "n° de commande", "no commande", "numéro de facture"),
    *("número de pedido", "n° de pedido", "id pedido", "pedido", "número de factura"),
)
CUSTOMER_NUMBERS = (
    *("customer no", "customer nr", "customer number", "customer ref", "customer code"),
    *("client no", "client number", "buyer id", "Kundennummer", "Kundennr", "Kunden-ID"),
    *("numéro client", "numéro de client", "n° client", "número de cliente", "id cliente"),
)
MAIL_ADDRESSES = (
    *("customer email", "buyer email", "email id", "contact email", "E-Mail-Adresse", "Mailadresse"),
    *("adresse e-mail", "adresse mail", "courriel", "correo", "correo electrónico"),
)
ORDER_DATES = (
    *("date ordered", "ordered on", "ordered", "date of order", "order day", "date of purchase"),
    *("purchased on", "purchased at", "invoice date", "date placed", "Datum", "Bestelldatum", "Bestellt am"),
    *("Kaufdatum", "Rechnungsdatum", "date de commande", "date d'achat", "fecha", "fecha de pedido"),
    *("fecha de compra",),
)
AMOUNTS = (
    *("order amount", "order value", "total amount", "total price", "amount paid", "grand total"),
    *("invoice total", "total paid", "Betrag", "Gesamtbetrag", "Summe", "Gesamtsumme", "montant"),
    *("montant total", "prix total", "importe", "importe total", "precio total"),
)
REVIEW_NUMBERS = ("feedback no", "feedback number", "review no", "review number", "message id")
REVIEW_DATES = ("date written", "written on", "Datum", "fecha")
REVIEW_TEXTS = ("comments", "review text", "Kommentar", "Bewertungstext", "commentaire", "comentario")
RATINGS = ("star", "Sterne", "étoiles", "estrellas")
SIGN_UP_DATES = (
    *("sign up", "signed up", "sign up date", "joined on", "join date", "date joined", "customer since"),
    *("registered on", "registration date", "Anmeldedatum", "Kunde seit", "date d'inscription"),
    *("fecha de registro", "fecha de alta"),
)
REFUNDS = ("refund", "amount refunded", "refunded amount", "Erstattung", "remboursement", "reembolso")
