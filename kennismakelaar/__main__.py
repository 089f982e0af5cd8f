"""python -m kennismakelaar"""

from kennismakelaar.cli import main

main()
