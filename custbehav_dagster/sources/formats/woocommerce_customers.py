"""The customers report of WooCommerce Analytics, of 12 or 15 columns."""

from __future__ import annotations

from collections.abc import Mapping

import ibis

from custbehav_dagster.sources.formats.base import Cells, Field, Format, Group, Head, Records
from custbehav_dagster.sources.formats.buyers import written
from custbehav_dagster.sources.formats.looks import looks_like_date, looks_like_email

PLATFORM = "woocommerce"
FIELDS = (
    Field("name", ("Name", "Nom", "Nombre", "Nome", "Naam")),
    Field(
        "username",
        ("Username", "Identifiant", "Benutzername", "Nombre de usuario", "Nome utente", "Gebruikersnaam"),
    ),
    Field(
        "last_active",
        (
            "Last Active",
            "Dernière activité",
            "Zuletzt aktiv",
            "Última actividad",
            "Ultima attività",
            "Laatst actief",
        ),
    ),
    Field(
        "signup_date",
        (
            "Sign Up",
            "Date registered",
            "Inscription",
            "Registrierung",
            "Registrierungsdatum",
            "Registro",
            "Iscrizione",
            "Registrazione",
            "Registratie",
            "Aanmelden",
        ),
        looks_like_date,
        "dates",
    ),
    Field(
        "email",
        ("Email", "E-mail", "E-Mail", "Correo electrónico", "Adresse e-mail", "E-mailadres"),
        looks_like_email,
        "mail addresses",
    ),
    Field("orders", ("Orders", "Commandes", "Bestellungen", "Pedidos", "Ordini", "Bestellingen")),
    Field(
        "total_spend",
        (
            "Total Spend",
            "Dépenses totales",
            "Gesamtausgaben",
            "Gasto total",
            "Spesa totale",
            "Totale uitgaven",
            "Totaal besteed",
        ),
    ),
    Field("average", ("AOV", "VMC", "VMP", "Ø Bestellwert", "Average Order Value")),
    Field(
        "country",
        (
            "Country / Region",
            "Pays / Région",
            "Pays/région",
            "Land / Region",
            "País / Región",
            "Paese/regione",
            "Paese / Regione",
            "Land/regio",
            "Land / Regio",
        ),
    ),
    Field("city", ("City", "Ville", "Stadt", "Ciudad", "Città", "Plaats", "Stad")),
    Field("region", ("Region", "Région", "Región", "Regione", "Regio", "State")),
    Field(
        "postcode",
        ("Postal Code", "Code postal", "Postleitzahl", "PLZ", "Código postal", "CAP", "Postcode"),
    ),
    Field("billing_phone", ("Billing Phone",)),
    Field("shipping_phone", ("Shipping Phone",)),
    Field("role", ("Role",)),
)


def _variant(columns: Mapping[str, int], head: Head) -> str:
    return "with telephones" if "billing_phone" in columns else "12 columns"


def _tables(cells: Cells) -> Records:
    """Records without a mail address are known by their user name."""
    email, username = written(cells["email"]), written(cells["username"])
    by_name = ibis.literal(f"{PLATFORM}:") + username
    phone = written(cells["billing_phone"]).coalesce(written(cells["shipping_phone"]))
    return {
        "customers": cells.select(
            *("name", "signup_date", "region", "country", "postcode"),
            customer_id=ibis.ifelse(email.isnull(), by_name, ibis.null("string")),
            email=email,
            phone=phone,
            platform=ibis.literal(PLATFORM),
        )
    }


WOOCOMMERCE_CUSTOMERS = Format(
    "woocommerce_customers",
    "the customers report of WooCommerce Analytics",
    FIELDS,
    (
        Group("the column Name", ("name",), required=True),
        Group("the column Email", ("email",), required=True),
        Group("the column Username", ("username",), required=True),
        Group("the column Sign Up or Last Active", ("signup_date", "last_active"), required=True),
        Group("the column Total Spend or AOV", ("total_spend", "average"), required=True),
    ),
    _tables,
    variant=_variant,
)
