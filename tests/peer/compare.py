#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares loam with another engine of the same language on random programs.

    compare.py --bin build/loam --peer terraform [--kind values|types|unknowns] [--seed N] [--count N]

`values` applies outputs of random expressions and compares the states. `types` gives random variables
random types and defaults, and compares what validation says and what the values become. `unknowns`
plans expressions over results that are not known yet and compares what stays unknown. A program that
fails is compared as the text "ERR"; where an engine blames one of several faults of an unordered
object, the choice may differ and is worth a look, not an alarm. Exit code 1 when something differs.
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile

ATOMS = ['1', '0', '-1', '1.5', '"a"', '"b"', '"1"', '"true"', 'true', 'false', 'null', '"é"', '""',
         '10', '9', '1e3', '0.1', '"a b"']
UNKNOWNS = ['terraform_data.x.id', 'terraform_data.x.output', 'local.u', 'local.n', 'local.l',
            'local.m', 'local.d', 'local.t', 'local.s', 'local.b', '["q", terraform_data.x.id]',
            '{a = terraform_data.x.id}', 'tolist([terraform_data.x.id, "z"])']
KNOWN = ['"a"', '1', 'true', '["a"]', '{a = 1}', 'tolist(["a", "b"])', 'toset(["a"])', 'null',
         '["a", 1]', '""', '[]', 'tomap({a = "b"})', '0', '"1"', '[["a"], ["b"]]', '[1, 2]']
# Impure, or bound to files or to the caller.
SKIPPED = {'abspath', 'base64gzip', 'bcrypt', 'can', 'ephemeralasnull', 'file', 'filebase64',
           'filebase64sha256', 'filebase64sha512', 'fileexists', 'filemd5', 'fileset', 'filesha1',
           'filesha256', 'filesha512', 'issensitive', 'pathexpand', 'plantimestamp', 'rsadecrypt',
           'templatefile', 'templatestring', 'timestamp', 'try', 'type', 'uuid'}
FORMS = ['tolist(%s)', 'toset(%s)', 'tomap(%s)', 'tostring(%s)', 'tonumber(%s)', 'tobool(%s)',
         '(true ? %s : %s)', '(false ? %s : %s)', 'concat(%s, %s)', 'merge(%s, %s)', 'flatten(%s)',
         'distinct(%s)', 'setunion(%s, %s)', 'setintersection(%s, %s)', 'setproduct(%s, %s)',
         '(%s == %s)', '(%s != %s)', '(%s + %s)', '(%s / %s)', '(%s %% %s)', '(%s * %s)',
         '(%s < %s)', 'coalesce(%s, %s)', 'contains(%s, %s)', 'lookup(%s, "a", %s)',
         'zipmap(["a", "b"], %s)', 'values(%s)', 'keys(%s)', 'jsondecode(jsonencode(%s))',
         'sort(%s)', 'reverse(%s)', 'slice(%s, 0, 1)', 'element(%s, 1)', 'sensitive(%s)',
         '[for v in %s : v]', '[for v in %s : {v = v}]', '{for k, v in %s : k => v}', 'length(%s)',
         'max(%s, %s)', 'sum(%s)', '%s[0]', '%s[*]', '"x${%s}"', 'compact(%s)', 'chunklist(%s, 2)',
         'transpose(%s)', 'setsubtract(%s, %s)', 'one(%s)', 'join(",", %s)', 'index(%s, %s)']
UNKNOWN_HEAD = '''resource "terraform_data" "x" {
  input = { a = "a" }
}
locals {
  u = "p-${terraform_data.x.id}"
  n = length(terraform_data.x.id)
  l = split(",", terraform_data.x.id)
  m = tomap({ a = terraform_data.x.id })
  d = jsondecode(terraform_data.x.id)
  t = [terraform_data.x.id, 5]
  s = toset(split(",", terraform_data.x.id))
  b = terraform_data.x.id == "x"
}
'''


def fill(form, make):
    parts = form.replace('%%', '\0').split('%s')
    text = parts[0]
    for part in parts[1:]:
        text += make() + part
    return text.replace('\0', '%')


def expression(rng, depth=0):
    def deeper():
        return expression(rng, depth + 1)
    if depth > 2 or rng.random() < .25:
        return rng.choice(ATOMS)
    shape = rng.random()
    if shape < .15:
        return '[' + ', '.join(deeper() for _ in range(rng.randrange(4))) + ']'
    if shape < .3:
        return '{' + ', '.join('%s = %s' % (name, deeper())
                               for name in rng.sample('abcd', rng.randrange(3))) + '}'
    return fill(rng.choice(FORMS), deeper)


def split(text):
    """At the commas that are in no bracket."""
    parts, depth, part = [], 0, ''
    for c in text:
        depth += (c in '([{') - (c in ')]}')
        if c == ',' and depth == 0:
            parts.append(part.strip())
            part = ''
        else:
            part += c
    return parts + [part.strip()] if part.strip() else parts


def constraint(rng, depth=0):
    kind = rng.randrange(10) if depth < 3 else rng.randrange(4)
    if kind < 4:
        return ('string', 'number', 'bool', 'any')[kind]
    if kind < 7:
        return '%s(%s)' % (('list', 'set', 'map')[kind - 4], constraint(rng, depth + 1))
    if kind == 7:
        return 'tuple([%s])' % ', '.join(constraint(rng, depth + 1) for _ in range(rng.randrange(3)))

    def attribute():
        inner = constraint(rng, depth + 1)
        dice = rng.random()
        if dice < .3:
            return 'optional(%s)' % inner
        return 'optional(%s, %s)' % (inner, value_of(rng, inner)) if dice < .45 else inner
    names = rng.sample('abcd', rng.randrange(1, 4))
    return 'object({%s})' % ', '.join('%s = %s' % (name, attribute()) for name in names)


def value_of(rng, kind):
    dice = rng.random()
    if dice < .1:
        return rng.choice(ATOMS + ['[]', '{}', '["a", 1]', '{a = 1}'])
    simple = {'string': ['"a"', '"b"', '5', 'true'], 'number': ['1', '2.5', '"3"', '1e2'],
              'bool': ['true', 'false', '"true"'], 'any': ATOMS + ['["a"]', '{a = 1}', '[1, "a"]']}
    if kind in simple:
        return rng.choice(simple[kind])
    inner = kind[kind.index('(') + 1:-1]
    if kind.startswith('optional('):
        return value_of(rng, split(inner)[0])
    if kind.startswith(('list(', 'set(')):
        return '[' + ', '.join(value_of(rng, inner) for _ in range(rng.randrange(4))) + ']'
    if kind.startswith('map('):
        return '{' + ', '.join('%s = %s' % (key, value_of(rng, inner))
                               for key in rng.sample('wxyz', rng.randrange(3))) + '}'
    if kind.startswith('tuple('):
        return '[' + ', '.join(value_of(rng, part) for part in split(inner[1:-1])) + ']'
    given = []
    for part in split(inner[1:-1]):
        name, of = part.split(' = ', 1)
        if not (of.startswith('optional(') and rng.random() < .5):
            given.append('%s = %s' % (name, value_of(rng, of)))
    return '{' + ', '.join(given) + '}'


class Engine:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.environ = {k: v for k, v in os.environ.items() if k != 'TF_CLI_CONFIG_FILE'}
        os.mkdir(folder)

    def write(self, text):
        for name in os.listdir(self.folder):
            if name.startswith('terraform.tfstate'):
                os.remove(os.path.join(self.folder, name))
        with open(os.path.join(self.folder, 'main.tf'), 'w', encoding='utf-8') as f:
            f.write(text)

    def run(self, *args):
        return subprocess.run([self.binary, *args], cwd=self.folder, env=self.environ, timeout=300,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout.decode()

    def outputs(self):
        said = self.run('apply', '-auto-approve', '-no-color')
        path = os.path.join(self.folder, 'terraform.tfstate')
        if not os.path.exists(path):
            sys.exit('%s did not apply:\n%s' % (self.binary, said[-2000:]))
        with open(path, encoding='utf-8') as f:
            return json.load(f)['outputs']

    def planned(self):
        self.run('init')
        said = self.run('plan', '-out=p', '-no-color')
        try:
            return json.loads(self.run('show', '-json', 'p'))['output_changes']
        except (ValueError, KeyError):
            sys.exit('%s did not plan:\n%s' % (self.binary, said[-2000:]))

    def faults(self):
        """Per block of four lines: what validation says."""
        found = {}
        for one in json.loads(self.run('validate', '-json'))['diagnostics']:
            block = (one['range']['start']['line'] - 1) // 4
            found.setdefault(block, []).append((one['summary'], one['detail']))
        return {block: sorted(all_) for block, all_ in found.items()}


def report(what, ours, theirs):
    if ours == theirs:
        return 0
    print('%s\n  peer %s\n  loam %s' % (what, json.dumps(theirs, ensure_ascii=False)[:400],
                                        json.dumps(ours, ensure_ascii=False)[:400]))
    return 1


def program(sources):
    return ''.join('output "o%d" {\n  sensitive = true\n  value = try(%s, "ERR")\n}\n' % (i, source)
                   for i, source in enumerate(sources))


def compare_values(rng, count, ours, theirs):
    sources = [expression(rng) for _ in range(count)]
    for engine in (ours, theirs):
        engine.write(program(sources))
    a, b = ours.outputs(), theirs.outputs()
    return sum(report(s, a.get('o%d' % i), b.get('o%d' % i)) for i, s in enumerate(sources))


def compare_types(rng, count, ours, theirs):
    blocks = []
    for i in range(count):
        kind = constraint(rng)
        blocks.append('variable "v%d" {\n  type = %s\n  default = %s\n}\n' %
                      (i, kind, value_of(rng, kind)))
    for engine in (ours, theirs):
        engine.write(''.join(blocks))
    a, b = ours.faults(), theirs.faults()
    wrong = sum(report(s, a.get(i), b.get(i)) for i, s in enumerate(blocks))
    good = [i for i in range(count) if i not in a and i not in b]
    text = ''.join(blocks[i] + 'output "o%d" {\n  value = var.v%d\n}\n' % (i, i) for i in good)
    for engine in (ours, theirs):
        engine.write(text)
    a, b = ours.outputs(), theirs.outputs()
    return wrong + sum(report(blocks[i], a.get('o%d' % i), b.get('o%d' % i)) for i in good)


def compare_unknowns(rng, count, ours, theirs):
    signatures = json.loads(theirs.run('metadata', 'functions', '-json'))['function_signatures']
    names = sorted(n for n in signatures if n not in SKIPPED and '::' not in n)
    sources = []
    while len(sources) < count:
        name = rng.choice(names)
        n = len(signatures[name].get('parameters') or [])
        n += rng.randrange(3) if signatures[name].get('variadic_parameter') else 0
        args = [rng.choice(UNKNOWNS if rng.random() < .5 else KNOWN) for _ in range(n)]
        if args:
            sources.append('%s(%s)' % (name, ', '.join(args)))
    for engine in (ours, theirs):
        engine.write(UNKNOWN_HEAD + program(sources))
    a, b = ours.planned(), theirs.planned()
    return sum(report(s, a.get('o%d' % i), b.get('o%d' % i)) for i, s in enumerate(sources))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('--bin', required=True)
    parser.add_argument('--peer', required=True)
    parser.add_argument('--kind', choices=['values', 'types', 'unknowns'], default='values')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--count', type=int, default=300)
    args = parser.parse_args()
    binary = os.path.abspath(args.bin) if os.sep in args.bin else args.bin
    with tempfile.TemporaryDirectory() as folder:
        ours = Engine(binary, os.path.join(folder, 'ours'))
        theirs = Engine(args.peer, os.path.join(folder, 'theirs'))
        how = {'values': compare_values, 'types': compare_types, 'unknowns': compare_unknowns}
        wrong = how[args.kind](random.Random(args.seed), args.count, ours, theirs)
    print('%d compared, %d differ' % (args.count, wrong))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
