"""Cleaning, forecasting and reporting for small shops, as Dagster assets."""
