"""Messages to other systems: signed, kept in the journal until delivered, tried again, given up in the open."""
