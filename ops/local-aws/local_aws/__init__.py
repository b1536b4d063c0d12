"""The local AWS: an emulator, and around it what the emulator lacks. For development and tests only.

The emulator (ministack) stores and answers. This layer checks signatures as AWS does, publishes the events of SES, enforces
the account's sending limits, injects faults before or after an effect, and counts which delivery was accepted how often: a
witness that knows nothing of the program under test.
"""
