"""What scores were made with, kept by hash beside the journal: bundles, packs, figures of cohorts, settings, features.

A file is written once, whole, before the first score that names its hash. Nothing in it speaks of a borrower; the
figures of cohorts hold pseudonyms of guarantors, and end with the payloads of the scores that used them.
"""

from serving.archive.folder import Archive, Unkept, archive_folder
from serving.archive.keeper import Keeper

__all__ = ["Archive", "Keeper", "Unkept", "archive_folder"]
