"""Trials of a whole cluster of real processes on this machine: chaos, load, the send rate, takeover. Development only.

Pure: `schedule` (what a seed decides) and `judgement` (what the witness's figures mean), with tests. Everything else
starts and watches processes, all of them by their own ids; they die with this one, however it ends.
"""
