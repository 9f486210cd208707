"""The composition root: the only place that names concrete adapters. Commands and tests start here.

`engine` wires the use cases (tests hand it fakes), `platform` starts the processes they need, `worker` serves HTTP and
`supervisor` keeps all of it running.
"""
