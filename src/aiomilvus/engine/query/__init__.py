"""Reading a snapshot: queries (`scan`), searches (`search`), and explaining them (`explain`)."""
