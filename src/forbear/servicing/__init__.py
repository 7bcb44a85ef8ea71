"""Credit being serviced: what it costs, what falls due, what meets what. Pure."""
