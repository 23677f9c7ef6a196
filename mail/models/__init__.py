from mail.models.mail_message import MailMessage
from mail.models.mail_sender import MailSender
from mail.models.mail_template import MailTemplate

__all__ = ["MailMessage", "MailSender", "MailTemplate"]
