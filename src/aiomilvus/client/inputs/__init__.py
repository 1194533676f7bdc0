"""What an application builds and hands in: schemas, index parameters, rankers, function chains."""
