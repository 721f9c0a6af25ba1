"""Measurements of the product, each with its baseline from the same run."""
