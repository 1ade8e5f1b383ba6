# What follows an error is still read, but further errors may be its consequence and are not told.
# expect 11:3-11:4 Attribute redefined
# expect 12:3-12:4 Argument or block definition required
a = 1
block "label" ident { # with a comment
  nested {}
  single { a = 1 }
}
twice {
  a = 1
  a = 2
  b
  c = 2
}
/* a comment
   over lines */ d = 4
quoted {
  "a b" = 1
}
