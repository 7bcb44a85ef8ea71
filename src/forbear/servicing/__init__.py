"""What a product says and what follows from it: schedules, cost, offers, early payoff. Pure."""
