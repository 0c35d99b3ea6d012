"""The version of the installed product."""

from importlib.metadata import PackageNotFoundError, version


def product_version() -> str:
    """Return the version, ``unknown`` where the product runs without being installed."""
    try:
        return version("mingdeng")
    except PackageNotFoundError:
        return "unknown"
