"""Demo data: neutral products, people and files with the mess of real ones, through the same code as everybody's."""
