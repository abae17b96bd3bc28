"""The rules of looking through a person's eyes: they turn the actor into Who."""
