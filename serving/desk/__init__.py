"""The officer's desk: server-rendered pages over the journal, the last night and the store."""
