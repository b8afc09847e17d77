"""What Shopify's exports have in common."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

PLATFORM = "shopify"


def consent_source(accepts: ir.StringValue, where: str) -> ir.StringValue:
    """Where a yes comes from; NULL beside anything else."""
    return ibis.ifelse(accepts.strip().lower().isin(("yes", "true")), where, ibis.null("string"))
