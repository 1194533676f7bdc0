"""What is done to whole directories: backup, restore, check, upgrade.

Called by the command line and the embedded backends; nothing of the engine knows it.
"""
