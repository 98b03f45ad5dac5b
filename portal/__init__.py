"""Min vei: the phone portal of a municipal Nav office for young people on social assistance."""
