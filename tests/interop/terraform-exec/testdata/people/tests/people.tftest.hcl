# SPDX-License-Identifier: Apache-2.0
run "names" {
  command = plan

  variables {
    people = { linus = "kernel", ken = "unix" }
  }

  assert {
    condition     = length(module.team) == 2
    error_message = "Each has a module."
  }
}
