"""The one blueprint that every page of the plan belongs to."""

from flask import Blueprint

bp = Blueprint("plan", __name__)
