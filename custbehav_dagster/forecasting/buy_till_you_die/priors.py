"""What is thought of a shop's parameters before it has data of its own.

Centred between parameters published for shops of other trades, times in days: CDs by mail
(CDNOW; Fader, Hardie & Lee 2005: BG/NBD r 0.24, alpha 31, a 0.79, b 2.4; Pareto/NBD r 0.55,
alpha 74, s 0.61, beta 82), and wide enough to hold those of a weekly grocer and of a charity's
yearly givers within two deviations. They are numbers in this file: nothing is fetched.

A few hundred buyers outweigh them; they matter where a direction of the likelihood is flat, which
in a young shop is always that of stopping. Taught by 50 buyers of Online Retail II, Pareto/NBD has
a mean log loss of 0.523 with them and 0.546 without, at worst 0.570 and 0.620; docs/decisions/019
has the figures of other shops, and where they do not help.
"""

from __future__ import annotations

import numpy as np

from custbehav_dagster.forecasting.buy_till_you_die.fitting import Prior

TRADE_PRIORS = {
    "bg_nbd": Prior(np.log([0.4, 45.0, 0.8, 2.5]), np.array([0.8, 1.0, 0.8, 1.0])),
    "mbg_nbd": Prior(np.log([0.6, 55.0, 0.8, 1.7]), np.array([0.8, 1.0, 0.8, 1.0])),
    "pareto_nbd": Prior(np.log([0.6, 75.0, 0.6, 100.0]), np.array([0.8, 1.0, 0.8, 1.0])),
}
"""By name of the model."""
