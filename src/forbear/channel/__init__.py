"""The ways out: each adapter hands one message to the world and says what became of it."""
