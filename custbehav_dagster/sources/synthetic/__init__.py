"""A made-up shop to run on before there is real data: `shop.generate_shop` and `shop.write_shop`.

Nothing here reads a file or knows the contract's tables: the files that are
written go the same way as the owner's own.
"""
