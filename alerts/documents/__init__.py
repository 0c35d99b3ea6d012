"""What documents about a card say (文书), and how they look as HTML, PDF and DOCX; nothing here reads a database."""
