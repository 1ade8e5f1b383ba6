diagnostics {
  error {
    from { byte = 4 }
    to { byte = 7 }
  }
  error {
    from { byte = 8 }
    to { byte = 9 }
  }
  error {
    from { byte = 16 }
    to { byte = 23 }
  }
  error {
    from { byte = 27 }
    to { byte = 28 }
  }
}
