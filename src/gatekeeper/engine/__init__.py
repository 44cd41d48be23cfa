"""Running OPA: what it is given (:mod:`program`), how it is found and installed, and three ways to ask it.

:class:`~gatekeeper.engine.command.OpaCommand` starts one process for each call,
:class:`~gatekeeper.engine.child.OpaChild` keeps a server of its own, and
:class:`~gatekeeper.engine.server.OpaServer` uses one that a team runs. All three get the same program and give the
same answers.
"""
