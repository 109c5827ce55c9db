"""How do numbers become a probability, and why?"""
