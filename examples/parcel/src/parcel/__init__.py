"""Parcel tracking: numbers, postage, and where a parcel is."""
