# SPDX-License-Identifier: Apache-2.0
provider "aws" {
  region = "us-east-1"
}

run "bad_names_are_refused" {
  command = plan

  variables {
    name = "Not Good"
  }

  expect_failures = [var.name]
}

run "the_role_is_made" {
  variables {
    bucket = "example-data"
  }

  assert {
    condition     = endswith(output.arn, ":role/reader")
    error_message = "The role has another name: ${output.arn}"
  }
}

run "it_reads_its_bucket" {
  module {
    source = "./tests/simulate"
  }

  variables {
    role_arn = run.the_role_is_made.arn
    actions  = ["s3:GetObject"]
    resource = "arn:aws:s3:::example-data/report.csv"
  }

  assert {
    condition     = output.all_allowed
    error_message = "The role cannot read its bucket."
  }
}

run "it_writes_nothing" {
  module {
    source = "./tests/simulate"
  }

  variables {
    role_arn = run.the_role_is_made.arn
    actions  = ["s3:PutObject", "s3:DeleteObject"]
    resource = "arn:aws:s3:::example-data/report.csv"
  }

  assert {
    condition     = !output.all_allowed
    error_message = "The role can write."
  }
}
