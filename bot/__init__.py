"""Kuaihui: quick replies for customer-service agents who answer for several shops at once."""

__version__ = "0.1.0"
