"""The operator's desk: queue, one case, declaration and decision."""
