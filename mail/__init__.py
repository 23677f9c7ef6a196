"""Mail: an outbox that is worked off in the background, the sender and the texts of each account.

It knows no domain. An app that has something to say registers a `MailKind` (mail/kinds.py) and puts messages into the
outbox (mail/outbox.py) in the transaction of what they tell.
"""
