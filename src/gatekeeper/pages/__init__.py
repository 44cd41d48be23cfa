"""Pages about rules and gates, made of what they say of themselves: for people who ask what is checked, and why."""
