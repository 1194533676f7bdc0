"""What scores hits anew: fusion of several searches, decay, boost, models, function chains."""
