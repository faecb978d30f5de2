"""In-memory stand-ins for the outside world; each passes the contract class of its real adapter."""
