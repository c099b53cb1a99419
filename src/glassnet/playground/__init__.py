"""The page: watch a network learn, touch it, bring a table.

Python computes, the page draws: it asks, and each answer is a picture of the network as it is. There is no formula and
no sentence about mathematics in the page; it shows what the library says.

An order to read them in:

    reply               what is answered to a message
    envelope            a message and its answer as bytes
    answering           a message answered, whatever happens
    guard               which requests are answered, and why the others are not
    site_files          the page's own files
    server, serve       the server on this machine: answers, and shows the page until Ctrl-C
    options             the words after `glassnet play`
"""
