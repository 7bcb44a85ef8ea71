"""The demo book: invented people with real difficulties. Pure: a seed in, facts out."""
