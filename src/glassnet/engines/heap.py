"""Memory for arrays inside compiled code: what is given back is kept for the next call.

    glassnet_get(size)    the address of so many bytes, at the beginning of a line of the cache; -1: there is no room
    glassnet_give(place)  gives them back

The C library hands large blocks back to the system at once, and gets them anew page by page, each at the cost of some
microseconds. Training calls compiled code every 20 ms, with megabytes of results on the way each time: for 2,000 rows
and 128 units in float64, a third of the time went into that. So some are kept, for all functions of this process and
whichever thread comes first.

Written as LLVM's text, for machine code calls it that was compiled in another process, by name.
"""

from __future__ import annotations

import llvmlite.binding as llvm

from glassnet.engines.symbols import is_known, loaded

SLOTS = 32  # blocks that are kept
LEAST, MOST = 1 << 16, 1 << 26  # bytes: of a block that is kept, and of all of them
GET, GIVE = "glassnet_get", "glassnet_give"

# In front of a block stand its size, 16 bytes before, and what the C library gave, 8 bytes before.
TEXT = f"""
@kept = internal global [{SLOTS} x i64] zeroinitializer, align 64
@total = internal global i64 0, align 64

declare ptr @malloc(i64)
declare void @free(ptr)

define ptr @{GET}(i64 %size) {{
entry:
  %is_large = icmp sge i64 %size, {LEAST}
  br i1 %is_large, label %look, label %fresh
look:
  %k = phi i64 [0, %entry], [%next, %on]
  %slot = getelementptr [{SLOTS} x i64], ptr @kept, i64 0, i64 %k
  %place = atomicrmw xchg ptr %slot, i64 0 acq_rel
  %is_empty = icmp eq i64 %place, 0
  br i1 %is_empty, label %on, label %found
found:
  %block = inttoptr i64 %place to ptr
  %at = getelementptr i8, ptr %block, i64 -16
  %has = load i64, ptr %at
  %half = lshr i64 %has, 1
  %is_enough = icmp sge i64 %has, %size
  %is_close = icmp sle i64 %half, %size
  %fits = and i1 %is_enough, %is_close
  br i1 %fits, label %take, label %put_back
take:
  %less = atomicrmw sub ptr @total, i64 %has acq_rel
  ret ptr %block
put_back:
  %other = atomicrmw xchg ptr %slot, i64 %place acq_rel
  %is_alone = icmp eq i64 %other, 0
  br i1 %is_alone, label %on, label %too_many
too_many:
  call void @give_to_library(i64 %other)
  br label %on
on:
  %next = add i64 %k, 1
  %is_end = icmp eq i64 %next, {SLOTS}
  br i1 %is_end, label %fresh, label %look
fresh:
  %needed = add i64 %size, 64
  %given = call ptr @malloc(i64 %needed)
  %is_null = icmp eq ptr %given, null
  br i1 %is_null, label %none, label %made
none:
  ret ptr inttoptr (i64 -1 to ptr)
made:
  %number = ptrtoint ptr %given to i64
  %behind = add i64 %number, 64
  %line = and i64 %behind, -64
  %new = inttoptr i64 %line to ptr
  %before = getelementptr i8, ptr %new, i64 -8
  %first = getelementptr i8, ptr %new, i64 -16
  store ptr %given, ptr %before
  store i64 %size, ptr %first
  ret ptr %new
}}

define void @{GIVE}(ptr %block) {{
entry:
  %place = ptrtoint ptr %block to i64
  %at = getelementptr i8, ptr %block, i64 -16
  %has = load i64, ptr %at
  %is_large = icmp sge i64 %has, {LEAST}
  br i1 %is_large, label %count, label %free
count:
  %before = atomicrmw add ptr @total, i64 %has acq_rel
  %after = add i64 %before, %has
  %is_room = icmp sle i64 %after, {MOST}
  br i1 %is_room, label %look, label %full
look:
  %k = phi i64 [0, %count], [%next, %on]
  %slot = getelementptr [{SLOTS} x i64], ptr @kept, i64 0, i64 %k
  %tried = cmpxchg ptr %slot, i64 0, i64 %place acq_rel acquire
  %is_there = extractvalue {{i64, i1}} %tried, 1
  br i1 %is_there, label %end, label %on
on:
  %next = add i64 %k, 1
  %is_end = icmp eq i64 %next, {SLOTS}
  br i1 %is_end, label %full, label %look
full:
  %less = atomicrmw sub ptr @total, i64 %has acq_rel
  br label %free
free:
  %back = getelementptr i8, ptr %block, i64 -8
  %given = load ptr, ptr %back
  call void @free(ptr %given)
  ret void
end:
  ret void
}}

define internal void @give_to_library(i64 %place) {{
  %block = inttoptr i64 %place to ptr
  %at = getelementptr i8, ptr %block, i64 -16
  %has = load i64, ptr %at
  %less = atomicrmw sub ptr @total, i64 %has acq_rel
  %back = getelementptr i8, ptr %block, i64 -8
  %given = load ptr, ptr %back
  call void @free(ptr %given)
  ret void
}}
"""

if all(map(is_known, ("malloc", "free"))):
    code = loaded(text=TEXT)
    for name in (GET, GIVE):
        llvm.add_symbol(name, code.get_function_address(name))
