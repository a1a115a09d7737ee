"""The tables of the ${title.lower()} module.

Each model is imported here, so that this package has all of them. Models derive from
`${base.expression}`:

    ${base.statement}
"""
