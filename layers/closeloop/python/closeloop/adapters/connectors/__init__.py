"""Systems of record: one connector for each, told by its compiled file what to call and how."""
