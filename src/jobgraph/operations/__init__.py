"""What keeps a home well: backups and their return, upgrades of old homes, and a look at all that can go wrong."""
