"""What happens beside reads and writes: sealing, building indexes, compaction, verification."""
