"""What was asked of a tenant and what it answered, kept in bounded memory, shown without secrets."""
