"""The journal as people read it: words for every act of every feature, none of which reads it back."""
