"""The database: synchronous, thread-safe, knows neither asyncio nor protobuf.

Readers take no lock for long: they take a published snapshot and work on it. What changes
something holds one or more of these locks. Whoever holds one may take only those that stand below
it; a lock that stands beside another one is never held with it.

=========================== ====================================== ==============================
lock                        held while                             never while it is held
=========================== ====================================== ==============================
`OpenPath.lock`             a path's database is opened or closed  –
(`shared_database`)
`SharedDatabase._role`      the lead is taken or a leader is       forwarding a call
                            followed, or let go for good
`FollowingDatabase`         a follower catches up with its leader  waiting for the leader
`._catching_up`
`DatabaseState.ddl`         names or collections are changed:      waiting for maintenance
                            created, dropped, renamed, aliases,
                            users, snapshots, files of analyzers
`Maintenance._one_seal`     growing rows become files              –
`Collection.writes.turn`    a collection changes: a group of       building an index, writing the
("the writer's turn")       writes, a swap of segments, a new      files of a segment (except for a
                            record. One for each collection; two   large batch), waiting for a lane
                            are never held by one thread
`Catalog._lock`             the catalog is read or changed; a      writing any other file
                            transaction holds it to its end
`SealedSegment._lock`,      a column, an index or a derived        –
`text`, `index`, and all    structure is opened or made once
other caches
`GroupCommit._changed`,     the queue of writes, or of jobs, is    doing anything but changing the
`Maintenance._changed`      looked at or changed                   queue, and waiting on it
`Publication._showing`,     two attributes are read or replaced    taking any other lock
`Clock._lock`,              together; the first also while the
`BoundedCache._lock`,       board tells followers. The last: who
`SharedDatabase._changed`   leads is read, replaced or waited for
`FolderGate._passing`       codes are kept in a file beside their  taking any other lock
                            index, or read from it
`AppendFile._in_use`,       a log is written, or its descriptor    taking any other lock
then `OpenFiles._lock`      is opened or closed
=========================== ====================================== ==============================

`GroupCommit.assert_turn` checks "called in the writer's turn" at the start of every method that
says so, unless Python runs with ``-O``. `AppendFile`s of others are closed under `OpenFiles._lock`
only if nobody uses them at that moment, without waiting, so the last two can't block each other.
A follower takes `Catalog._lock` before the writer's turn where it reads names again: it has no
writers, and `_catching_up` lets one thread at a time do so.
"""
