"""What follows from a probability: grade, tier, class, alert, action?"""
