"""What lists, searches and the admin take beside two million rows of other accounts."""
