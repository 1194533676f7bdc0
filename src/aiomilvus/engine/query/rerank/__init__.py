"""What scores hits again: fusion of several searches, decay, boost, models, function chains."""
